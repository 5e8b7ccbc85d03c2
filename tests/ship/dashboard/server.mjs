// Serves one folder on 127.0.0.1, at a port of the system's choice.
import {createServer} from 'node:http';
import {readFile} from 'node:fs/promises';
import {basename, join} from 'node:path';

// {url, close}
export const serve = async (folder) => {
  const server = createServer(async (request, response) => {
    const name = basename(new URL(request.url, 'http://localhost').pathname) || 'index.html';
    try {
      const bytes = await readFile(join(folder, name));
      response.writeHead(200, {'Content-Type': name.endsWith('.html') ? 'text/html; charset=utf-8' : 'application/octet-stream'});
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close()};
};
