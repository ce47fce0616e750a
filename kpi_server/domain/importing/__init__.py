"""Files of observations: what is in them, row by row, and what is wrong with a row."""
