"""GraphiQL as one offline page: its assets are files of this package, nothing is fetched from elsewhere."""
