"""PostGIS core: coordinates, layers, queries, SQL, features; knows no Flask and no users."""
