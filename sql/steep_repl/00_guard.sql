\echo Use "CREATE EXTENSION steep_repl" to load this file. \quit
