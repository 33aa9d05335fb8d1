// Measures one contestant of one case in a process of its own, and prints what it found as one line of JSON.
const [file, contestant] = process.argv.slice(2);
const { contestants } = await import(file);
const found = await contestants[contestant].measure();
process.stdout.write(`\n${JSON.stringify(found)}\n`, () => process.exit(0));
