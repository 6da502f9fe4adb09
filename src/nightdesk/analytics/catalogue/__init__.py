"""The one table of statistics: name, function, unit, formula, convention, what it needs, who agrees and who differs."""
