"""Composition: application factory, configuration, database, errors, command line, migrations."""
