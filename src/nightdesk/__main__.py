"""`python -m nightdesk` is the command line."""

from nightdesk.cli.main import main

if __name__ == "__main__":
    main()
