// Rows of the matrix, run one after another, and the table that they make.
const COLUMNS = [["scene", 68], ["callers", 9], ["expected", 45], ["measured", 72], ["result", 12]];
const cell = (text, width) => String(text).replace(/\s+/g, " ").slice(0, width).padEnd(width);
const line = (values) => `| ${COLUMNS.map(([, width], i) => cell(values[i], width)).join(" | ")} |`;

/** Statement of an error in a line: what the caller heard, not how Node shows it. */
const summary = (error) => error.message.split("\n")[0];

async function runRow(row, patience) {
  if (!row.play) return { passes: false, measured: "not played: the proxy does not use it" };
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`not over after ${patience / 1000} s`)), patience)));
  try {
    return { passes: true, measured: (await Promise.race([row.play(), late])) ?? "as expected" };
  } catch (error) {
    return { passes: false, measured: summary(error), error };
  } finally {
    clearTimeout(timer);
  }
}

const resultOf = ({ waits }, { passes }) => (passes ? (waits ? `pass (${waits})` : "pass") : waits ? `waits: ${waits}` : "FAIL");

/**
 * A row: {scene, callers, expected, play() gives what was measured or throws, waits: the mechanism without which it is known
 * to fail (then play may be missing), patience: ms}. Prints a line each; gives how many failed that are not known to.
 */
export async function runMatrix(rows) {
  console.log(line(COLUMNS.map(([name]) => name)));
  console.log(`|${COLUMNS.map(([, width]) => "-".repeat(width + 2)).join("|")}|`);
  const results = [];
  const failures = [];
  for (const row of rows) {
    const words = [];
    const { error: say } = console;
    console.error = (text) => words.push(text); // a failing stage tells its programs' last words
    const result = await runRow(row, row.patience ?? 120_000);
    console.error = say;
    console.log(line([row.scene, row.callers, row.expected, result.measured, resultOf(row, result)]));
    results.push({ row, result });
    if (!result.passes && !row.waits) failures.push(`---- ${row.scene}, ${row.callers}: ${result.error.stack}\n${words.join("\n")}`);
  }
  const count = (test) => results.filter(test).length;
  const known = count(({ row, result }) => !result.passes && row.waits);
  const surprises = count(({ row, result }) => result.passes && row.waits);
  console.log(`${results.length} scenes: ${count(({ result }) => result.passes)} pass, ${known} wait for a mechanism, ${failures.length} fail` +
    (surprises ? `; ${surprises} pass although marked as waiting` : ""));
  for (const failure of failures) console.error(failure);
  return failures.length;
}
