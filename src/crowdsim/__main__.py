"""`python -m crowdsim` is the `crowdsim` command."""

from crowdsim.cli.app import main

if __name__ == "__main__":
    main()
