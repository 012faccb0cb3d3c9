// The controls of the contract `sales` over rows of text, counting only: what a page would do that reads a file with
// Papa Parse. What a sample never has (numbers with grouping, currency signs, total rows) is left out, to its
// advantage. Runs in Node and in a browser's worker.
// `task` says today and, of each list, the values as written (`exact`) and as compared (`known`).
export function checks(task) {
  const lists = Object.fromEntries(
    ['regions', 'products'].map((name) => [
      name,
      { exact: new Set(task[name].exact), known: new Set(task[name].known) },
    ]),
  );
  const counts = { read: 0, exceptions: 0 };
  for (const code of ['CMP01', 'VAL01', 'VAL02', 'VAL03', 'VAL05', 'VAL06', 'VAL10', 'REF01', 'REF02', 'TIM01', 'UNQ01']) {
    counts[code] = 0;
  }
  const keys = new Set();
  const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

  /** `YYYY-MM-DD`, or nothing. */
  function day(text) {
    let parts = /^(\d{4})-(\d{2})-(\d{2})(?: (\d{2}):(\d{2}):(\d{2}))?$/.exec(text);
    let [year, month, date] = parts ? [+parts[1], +parts[2], +parts[3]] : [0, 0, 0];
    if (!parts) {
      parts = /^(\d{1,2})[-/](\d{1,2})[-/](\d{4})$/.exec(text);
      if (parts) [date, month, year] = [+parts[1], +parts[2], +parts[3]];
    }
    if (!parts) {
      parts = /^(\d{1,2})-([a-z]{3})-(\d{2})$/i.exec(text);
      if (parts) [date, month, year] = [+parts[1], months.indexOf(parts[2].toLowerCase()) + 1, 2000 + +parts[3]];
    }
    if (!parts || month < 1 || month > 12 || date < 1 || date > new Date(Date.UTC(year, month, 0)).getUTCDate()) {
      return undefined;
    }
    return `${year}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`;
  }

  /** Whether the list knows it. */
  function listed(raw, text, list) {
    if (list.exact.has(raw)) return true;
    if (!list.known.has(text.toLowerCase())) return false;
    counts.REF02 += 1;
    return true;
  }

  function row(cells) {
    counts.read += 1;
    let errors = 0;
    const fail = (code) => {
      counts[code] += 1;
      errors += 1;
    };
    const [id, date, region, product, quantity, revenue] = cells.map((it) => it.trim());
    if (id === '') fail('CMP01');
    if (date === '') fail('CMP01');
    else {
      if (date !== cells[1]) counts.REF02 += 1;
      const read = day(date);
      if (read === undefined) fail('VAL03');
      else if (read > task.today) fail('TIM01');
    }
    if (region === '') fail('CMP01');
    else if (!listed(cells[2], region, lists.regions)) fail('VAL05');
    if (product === '') fail('CMP01');
    else if (!listed(cells[3], product, lists.products)) counts.REF01 += 1;
    if (quantity === '') fail('CMP01');
    else {
      if (quantity !== cells[4]) counts.REF02 += 1;
      if (!/^[+-]?\d+$/.test(quantity)) fail('VAL01');
      else if (Number(quantity) <= 0) fail('VAL06');
    }
    if (revenue === '') fail('CMP01');
    else {
      if (revenue !== cells[5]) counts.REF02 += 1;
      const amount = /^[+-]?\d+(?:\.(\d*))?$/.exec(revenue);
      const value = Number(revenue);
      const excess = amount?.[1]?.length > 2;
      const noise = excess && Math.abs(value * 100 - Math.round(value * 100)) <= 0.0001;
      if (!amount || (excess && !noise)) fail('VAL02');
      else {
        if (excess) counts.VAL10 += 1;
        if (value < 0) fail('VAL06');
      }
    }
    if (errors === 0) {
      if (keys.has(cells[0])) fail('UNQ01');
      else keys.add(cells[0]);
    }
    if (errors > 0) counts.exceptions += 1;
  }

  return { row, counts };
}

/** Reads `input` (text, a stream or a File) with Papa Parse and checks each row; gives the counts. */
export function check(papa, input, task) {
  const { row, counts } = checks(task);
  let header = true;
  return new Promise((resolve, reject) => {
    papa.parse(input, {
      skipEmptyLines: true,
      chunk: ({ data }) => {
        for (const cells of data) {
          if (header) header = false;
          else row(cells);
        }
      },
      complete: () => resolve(counts),
      error: reject,
    });
  });
}
