// A table as text: separated by commas, semicolons or tabs, with quotes where a cell holds a separator (RFC 4180).

/** Rows of cells; the separator is the one that the heading holds most often. */
export function parseTable(text) {
  const heading = text.split(/\r?\n/, 1)[0] ?? "";
  const separator = [",", ";", "\t"].map((sign) => [heading.split(sign).length, sign]).sort((one, other) => other[0] - one[0])[0][1];
  const rows = [[""]];
  let quoted = false;
  for (let place = 0; place < text.length; place++) {
    const sign = text[place];
    const row = rows.at(-1);
    if (quoted && sign === '"' && text[place + 1] === '"') row[row.length - 1] += text[++place];
    else if (sign === '"' && (quoted || row.at(-1) === "")) quoted = !quoted;
    else if (!quoted && sign === separator) row.push("");
    else if (!quoted && sign === "\n") rows.push([""]);
    else if (quoted || sign !== "\r") row[row.length - 1] += sign;
  }
  return rows.map((row) => row.map((cell) => cell.trim())).filter((row) => row.some(Boolean));
}

/** A table as CSV. A cell that a spreadsheet would read as a formula is marked as text. */
export function tableText(rows) {
  const cell = (value) => {
    const text = String(value ?? "");
    const safe = /^[=+@\t]|^-(?![\d.])/.test(text) ? `'${text}` : text;
    return /[",;\n\r\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
