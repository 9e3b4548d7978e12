// A static file server on a free local port, for the page of a player and optionally for the folder of a stream.

import { createReadStream } from "node:fs";
import { realpath } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";

const TYPES = {
  ".m3u8": "application/vnd.apple.mpegurl",
  ".m4s": "video/iso.segment",
  ".mp4": "video/mp4",
  ".vtt": "text/vtt",
};

// The empty icon prevents a request for one.
const PAGE = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<video muted playsinline></video>
<script src="/player.js"></script>`;

/** Serves the page at `/`, the player `script` at `/player.js` and the files of `folder`, if any, below `/media/`. */
export async function serve(folder, script) {
  const root = folder === null ? null : await realpath(folder);
  const server = createServer(async (request, response) => {
    const file = await find(root, script, request.url);
    if (file === "/") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(PAGE);
    } else if (file === null) {
      response.writeHead(404).end();
    } else {
      const type = file === script ? "text/javascript" : TYPES[extname(file)];
      const stream = createReadStream(file);
      stream.on("open", () => response.writeHead(200, { "content-type": type ?? "application/octet-stream" }));
      // A folder or an unreadable file; after the start of the body, the connection can only be closed.
      stream.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(404).end()));
      stream.pipe(response);
    }
  });
  await new Promise((ready, failed) => server.once("error", failed).listen(0, "127.0.0.1", ready));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://127.0.0.1:${server.address().port}/`, close };
}

/** The file for a request's URL, `/` for the page, or null when nothing may be read. */
async function find(root, script, url) {
  try {
    const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
    if (path === "/") {
      return path;
    }
    if (path === "/player.js") {
      return script;
    }
    if (root === null || !path.startsWith("/media/")) {
      return null;
    }
    // Links are followed before the comparison, so that neither `..` nor a link leads out of the folder.
    const file = await realpath(join(root, path.slice("/media/".length)));
    return file.startsWith(root + sep) ? file : null;
  } catch {
    return null;
  }
}
