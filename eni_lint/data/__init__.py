"""Facts about AWS that no template states; tools/derive_tables.py derives each table from public packages."""
