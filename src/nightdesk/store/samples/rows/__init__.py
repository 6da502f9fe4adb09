"""Day files of rows: they take what is sealed before a day is made whole, and are the whole days of older releases."""
