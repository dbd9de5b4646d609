-- To install the extension is to let jobs run in this database.
SELECT steep_repl.register_current_db();
