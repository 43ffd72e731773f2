"""What stores over an SQL database share: their Python. Each dialect brings its queries, its schema and its database."""
