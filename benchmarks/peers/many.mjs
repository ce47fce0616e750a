// Runs another server, whose file is the argument, as PROCESSES processes that share its port.
import cluster from "node:cluster";
import { pathToFileURL } from "node:url";

const file = process.argv[2];

if (cluster.isPrimary) {
  for (let number = 0; number < Number(process.env.PROCESSES); number += 1) cluster.fork();
  cluster.on("exit", () => process.exit(1)); // with one process less nothing would be measured that was asked for
} else {
  await import(pathToFileURL(file));
}
