import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { Aedes } from 'aedes'
import { connectAsync } from 'mqtt'

/** A server on a free port of this machine. */
export interface DemoServer {
  readonly port: number
  close(): Promise<void>
}

/** A JSON API on loopback: pages of 100, the next one named in the Link header (RFC 8288). */
export async function startApi(items: readonly object[]): Promise<DemoServer> {
  const pageRows = 100
  const server = createHttpServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    const page = Number(url.searchParams.get('page') ?? 1)
    const rows = items.slice((page - 1) * pageRows, page * pageRows)
    response.setHeader('content-type', 'application/json')
    if (page * pageRows < items.length) {
      url.searchParams.set('page', String(page + 1))
      response.setHeader('link', `<${url.href}>; rel="next"`)
    }
    response.end(JSON.stringify(rows))
  })
  return await listen(server)
}

/** A broker with machines that begin to send, with QoS 1, as soon as somebody subscribes to `plant/…`. */
export async function startBroker(
  messages: readonly { readonly topic: string; readonly payload: string }[],
): Promise<DemoServer & { readonly acknowledged: () => number }> {
  const broker = await Aedes.createBroker()
  const server = await listen(createTcpServer(broker.handle))
  const machine = await connectAsync(`mqtt://127.0.0.1:${server.port}`)
  let acknowledged = 0
  broker.on('ack', () => {
    acknowledged++
  })
  broker.on('subscribe', (subscriptions) => {
    if (!subscriptions.some((item) => item.topic.startsWith('plant/'))) return
    for (const { topic, payload } of messages) machine.publish(topic, payload, { qos: 1 })
  })
  return {
    ...server,
    acknowledged: () => acknowledged,
    close: async () => {
      await machine.endAsync()
      await new Promise<void>((resolve) => broker.close(resolve))
      await server.close()
    },
  }
}

async function listen(server: Server): Promise<DemoServer> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}
