"""What an omitted variable would have to be, and what each group of controls takes out."""
