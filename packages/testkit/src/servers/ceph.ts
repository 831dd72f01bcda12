import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { cachedServer } from './cache.ts'
import { freePort, type Launched, launch, listening } from './program.ts'
import type { Provider, Server } from './provider.ts'
import { startRestartable } from './restartable.ts'

const run = promisify(execFile)

/** Logins of the gateway: the owner of the buckets, and one who has no right to them. */
const OWNER = { id: 'owner', key: 'AKID', secret: 'SECRET' }
const STRANGER = { id: 'stranger', key: 'STRANGER', secret: 'STRANGERSECRET' }

/** Of a made-up monitor cluster of one. */
const CLUSTER = '22222222-2222-2222-2222-222222222222'
const DISK = '33333333-3333-4333-8333-333333333333'

const config = (folder: string, monitor: number): string => `[global]
fsid = ${CLUSTER}
mon_host = [v2:127.0.0.1:${monitor}/0]
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 4294967296
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
run_dir = ${folder}/run
admin_socket = ${folder}/run/$name.asok
log_file = ${folder}/run/$name.log
pid_file = ${folder}/run/$name.pid
mon_data = ${folder}/mon
osd_data = ${folder}/osd
keyring = ${folder}/keyring
[client.rgw]
rgw_crypt_require_ssl = false
rgw_crypt_s3_kms_backend = testing
rgw_crypt_s3_kms_encryption_keys = k1=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo=
rgw_enable_gc_threads = false
rgw_enable_quota_threads = false
rgw_thread_pool_size = 32
`

/** One monitor, one disk in memory and the gateway of Ceph, in a Debian root that `.ci/run` makes. */
export const CEPH: Provider = {
  name: 'local',
  has: ['s3', 'versioning', 'sigv4', 'rights', 'sse-c', 'sse-kms', 'restart'],
  start: startCeph,
}

async function startCeph(): Promise<Server> {
  const cached = cachedServer('ceph-root')
  if (!cached) throw new TypeError('no Debian root with Ceph in the cache')
  if (process.getuid?.() !== 0) throw new TypeError('Ceph runs in a chroot, which needs root')
  const folder = `/srv/omni-${process.pid}-${Date.now()}`
  const outside = `${cached.folder}${folder}`
  const monitor = await freePort()
  for (const name of ['mon', 'osd', 'run']) mkdirSync(`${outside}/${name}`, { recursive: true })
  writeFileSync(`${outside}/ceph.conf`, config(folder, monitor))
  const settings = ['-c', `${folder}/ceph.conf`]
  const call = async (...args: readonly string[]): Promise<string> =>
    (await run('chroot', [cached.folder, ...args], { timeout: 60_000 })).stdout
  const stops: (() => Promise<void>)[] = []
  const daemon = (...args: readonly string[]): void => {
    const started = launch('chroot', [cached.folder, ...args])
    stops.unshift(() => started.stop())
  }
  // All that is written is in the disk's daemon, which stays. One that comes after another must have no cache: it would
  // tell the one that was killed of each change, and wait half a minute for its answer.
  let hasCache = true
  const launchGateway = async (port: number): Promise<Launched> => {
    const own = [`--rgw_frontends=beast endpoint=127.0.0.1:${port}`, `--rgw_cache_enabled=${hasCache}`]
    hasCache = false
    const gateway = ['radosgw', ...settings, '-n', 'client.rgw', '-f', ...own]
    const started = launch('chroot', [cached.folder, ...gateway])
    await listening(port, started.child, 60_000)
    return started
  }
  const stop = async (): Promise<void> => {
    for (const end of stops) await end()
    rmSync(outside, { recursive: true, force: true })
  }
  try {
    const ring = `${folder}/keyring`
    const caps = (...pairs: readonly string[]): string[] =>
      pairs.flatMap((pair) => ['--cap', ...pair.split('=')])
    await call('ceph-authtool', ring, '--create-keyring', '--gen-key', '-n', 'mon.', ...caps('mon=allow *'))
    const all = caps('mon=allow *', 'osd=allow *')
    await call('ceph-authtool', ring, '--gen-key', '-n', 'client.admin', ...all, ...caps('mgr=allow *'))
    await call(
      'ceph-authtool',
      ring,
      '--gen-key',
      '-n',
      'osd.0',
      ...caps('mon=allow profile osd', 'osd=allow *'),
    )
    await call('ceph-authtool', ring, '--gen-key', '-n', 'client.rgw', ...all)
    const map = `${folder}/monmap`
    await call('monmaptool', '--create', '--fsid', CLUSTER, '--addv', 'a', `[v2:127.0.0.1:${monitor}]`, map)
    await call('ceph-mon', ...settings, '-i', 'a', '--mkfs', '--monmap', map, '--keyring', ring)
    daemon('ceph-mon', ...settings, '-i', 'a', '-f')
    await call('ceph', ...settings, '--connect-timeout', '30', 'osd', 'new', DISK)
    await call('ceph-osd', ...settings, '-i', '0', '--mkfs', '--osd-uuid', DISK)
    daemon('ceph-osd', ...settings, '-i', '0', '-f')
    await until(async () => (await call('ceph', ...settings, 'osd', 'stat')).includes('1 up'))
    const admin = ['radosgw-admin', ...settings, '-n', 'client.rgw']
    for (const { id, key, secret } of [OWNER, STRANGER]) {
      const login = ['--access-key', key, '--secret-key', secret]
      await call(...admin, 'user', 'create', '--uid', id, '--display-name', id, ...login)
    }
    const gateway = await startRestartable({ launchAt: launchGateway })
    stops.unshift(() => gateway.stop())
    const version = /version (\S+)/.exec(await call('radosgw', '--version'))?.[1] ?? cached.version
    return {
      url: `http://${OWNER.key}:${OWNER.secret}@127.0.0.1:${gateway.port}`,
      provider: 'local',
      version: `Ceph ${version}`,
      fidelity: 'real',
      has: CEPH.has,
      more: { strangerKey: STRANGER.key, strangerSecret: STRANGER.secret, kmsKey: 'k1' },
      process: gateway.process,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function until(holds: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > end) throw new TypeError(`its disk did not come up within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
