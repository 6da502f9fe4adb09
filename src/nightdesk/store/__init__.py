"""What is kept: samples, records, and the data folder that holds them; only `store.sqlite` opens SQLite."""
