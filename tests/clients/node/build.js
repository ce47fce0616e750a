// What a bundler does for users of Relay: the graphql`…` tags of src/ become the compiler's artifacts, in built/.
import { transformFileSync } from "@babel/core";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";

const options = { plugins: ["relay", "@babel/plugin-transform-modules-commonjs"], babelrc: false, configFile: false };

mkdirSync("built/__generated__", { recursive: true });
writeFileSync("built/package.json", '{ "type": "commonjs" }');
for (const file of readdirSync("src", { recursive: true }).filter((name) => name.endsWith(".js"))) {
  writeFileSync(`built/${file}`, transformFileSync(`src/${file}`, options).code);
}
