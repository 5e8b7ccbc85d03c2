# Sourced by scripts: the SQL names that the library brings.

# registered_names LIBRARY: one name a line, sorted. topk_row_feed hands rows to the shadow tables
# and is closed to SQL.
registered_names() {
  local names="SELECT name FROM pragma_function_list UNION SELECT name FROM pragma_module_list WHERE name <> 'topk_row_feed'"
  comm -13 <(sqlite3 -batch -init /dev/null :memory: "$names" | sort) \
    <(sqlite3 -batch -init /dev/null -cmd ".load ${1%.so}" :memory: "$names" | sort)
}
