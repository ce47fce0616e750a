import { missed } from "./typed/board.js";

export const board = ({ url, token }) => missed(url, token, "ai-marketing-platform");
