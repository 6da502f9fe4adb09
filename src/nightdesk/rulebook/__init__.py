"""The rules that come with Nightdesk, as data; `rules.rulebook` reads them. Each file has its rule test beside it."""
