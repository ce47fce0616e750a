"""`python -m kpi_server` is `kpi-server`."""

from kpi_server.cli import main

if __name__ == "__main__":
    main()
