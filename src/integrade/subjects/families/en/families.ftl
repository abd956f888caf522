announced = The original paper lists families of measures of integration and of quality, but prints no comparison of them.
short = Families of measures
heading = Other families of measures of integration and of quality
of-integration = Families of measures of integration
of-quality = Families of measures of export quality
family = Family
measure = Measure
regions = Regions
firms = Firms
years = Years
within = Within years
averages-of-regions = Averages of regions
averages-of-firms = Averages of firms
over-time = Over time
remark = Remark
production = Production
flows = Trade flows
cycle = Business cycle
survey = Survey
price = Relative prices
other = Measure of the study
unit-value = Unit value
features = Product features
supply = Supply and demand
demand = Demand
own = measure of the study
measure-krugman = Krugman index
measure-head-ries = Head–Ries index
measure-business-cycle = Correlation of business cycles
measure-survey-score = Score of a survey of firms
measure-relative-price = Relative prices
measure-unit-value = Unit value
measure-product-features = Hedonic regression on features
measure-supply-demand = Supply and demand
measure-demand-residual = Demand residual
measure-nested-logit = Nested logit
measure-shi = Demand residual with estimated elasticity
not-possible = not compared: { $why }
nothing-to-compare = the study has no measure of its own to compare with
needs-output = needs output by region, industry and year
needs-flows = needs trade between regions by year
needs-gdp = needs real GDP by region and year
needs-survey = needs answers of firms by region
needs-prices = needs price indices by region, good and year
needs-customs = needs exports by firm, product, destination and year
needs-features = needs columns of the customs records that describe the good
needs-costs = needs the price of inputs and the productivity of each firm
how = rank correlation with the measure of the study, by integrade.compare_measures
note-regions = Within years: rank correlation (Spearman) with the study's index over regions, averaged over years. Averages: rank correlation of the averages over years. Over time: Pearson correlation of the national means. Options of the other measures that the study does not set have the program's defaults.
note-firms = Within years: rank correlation (Spearman) with the study's quality over firms, averaged over years. Averages: rank correlation of the averages over years. Over time: Pearson correlation of the means over firms. All measures are standardised as in the study. Options of the other measures that the study does not set have the program's defaults.
note-demand = The elasticity of the demand residual is estimated by least squares, with fixed effects of product-destination-years.
compared-integration = { $n ->
    [one] One other family of measures of integration is compared: { $names }.
   *[other] { $n } other families of measures of integration are compared: { $names }.
}
compared-quality = { $n ->
    [one] One other family of measures of quality is compared: { $names }.
   *[other] { $n } other families of measures of quality are compared: { $names }.
}
no-other-integration = The data of this study do not allow measures of other families of integration.
no-other-quality = The data of this study do not allow measures of other families of quality.
left-out = The families of measures are not compared: { $why }.
step = families of measures
