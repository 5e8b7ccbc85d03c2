// Asks for every window fast, hybrid and exact at one instant: what each costs, what fast misses.
'use strict';

const Comparison = (() => {
  // {fast, hybrid, exact: {rows, milliseconds}, in_common, in_bounds, largest_miss, exact_of}
  const compare_window = (database, window, at) => {
    const answers = {};
    for (const mode of ['fast', 'hybrid', 'exact']) answers[mode] = database.top(window, mode, at);
    const exact_of = new Map(answers.exact.rows.map((row) => [row.item, row.count]));
    let in_common = 0;
    let in_bounds = 0;
    let largest_miss = 0;
    for (const row of answers.fast.rows) {
      if (exact_of.has(row.item)) ++in_common;
      else exact_of.set(row.item, database.count_of(window, row.item, 'exact', at).count);
      const exact = exact_of.get(row.item);
      if (row.lower <= exact && exact <= row.upper) ++in_bounds;
      largest_miss = Math.max(largest_miss, Math.abs(row.count - exact));
    }
    return {...answers, in_common, in_bounds, largest_miss, exact_of};
  };

  // `results`: [window title, result of compare_window] for each.
  const show = (table, results) => {
    const rows = results.map(([title, result]) => {
      const line = document.createElement('tr');
      const heading = document.createElement('th');
      heading.scope = 'row';
      heading.textContent = title;
      const of_all = (count) => `${count}/${result.fast.rows.length}`;
      const cells = [
        ...['fast', 'hybrid', 'exact'].map((mode) => Panels.milliseconds(result[mode].milliseconds)),
        of_all(result.in_common), of_all(result.in_bounds), Panels.number.format(result.largest_miss),
      ].map((text, column) => {
        const cell = document.createElement('td');
        cell.textContent = text;
        // Shown where there is no room for a line of headings.
        cell.dataset.heading = table.tHead.rows[0].cells[column + 1].textContent;
        return cell;
      });
      line.append(heading, ...cells);
      return line;
    });
    table.tBodies[0].replaceChildren(...rows);
  };

  return {compare_window, show};
})();
