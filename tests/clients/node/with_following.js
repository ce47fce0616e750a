// Follows the shop's feed and prints each batch: node with_following.js WAY URL TOKEN CURSOR, until it is killed.
import { writeSync } from "node:fs";
import { follow, ways } from "./follow.js";

const [way, url, token, cursor] = process.argv.slice(2);
await follow(ways[way](url, token), "shop", cursor, (batch) => writeSync(1, `${JSON.stringify(batch)}\n`));
