// How the search of the manual orders its results: Sphinx's scores, with guides before reference pages.
var Scorer = {
  score: ([page, , , , score]) =>
    score +
    (/^(tutorial|install|guides\/|explanation\/|methods\/)/.test(page) ? 4 : 0) -
    (/^(reference\/|project\/|plugins|performance)/.test(page) ? 6 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
