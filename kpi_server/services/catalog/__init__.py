"""An organization's catalog: its facts as YAML files, each row with the document line it is from."""
