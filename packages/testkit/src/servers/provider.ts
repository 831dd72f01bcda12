/** What a test may rely on, as `mqtt5`; a provider lists what it has. */
export type Need = string

export type ProviderName = 'env' | 'docker' | 'local' | 'embedded'

/** How far a provider is the thing itself. */
export type Fidelity = 'real' | 'compatible' | 'emulator' | 'mock'

export interface Server {
  readonly url: string
  readonly provider: ProviderName
  readonly version: string
  readonly fidelity: Fidelity
  readonly has: readonly Need[]
  /** What only this provider has, as a second login. */
  readonly more?: Readonly<Record<string, string>>
  /** Its own process, where it was started here and keeps its data: what `restart` asks for. */
  readonly process?: ServerProcess
  stop(): Promise<void>
}

/** A server's process that can be killed and started again; what was written to the server stays. */
export interface ServerProcess {
  /** What was written so far outlives a kill from here on. */
  settle(): Promise<void>
  /** Ends it without a chance to tidy up. Nothing listens at its address afterwards. */
  kill(): Promise<void>
  /** Starts it again at the same address, after a kill; resolves when it listens. */
  start(): Promise<void>
  /** While it is down, serves the same data at another address for as long as `work` takes. */
  aside(work: (endpoint: string) => Promise<void>): Promise<void>
}

export interface Provider {
  readonly name: ProviderName
  readonly has: readonly Need[]
  /** Rejects, with one line, when it cannot. */
  start(): Promise<Server>
}

/** One server: what can be relied on, and who can bring it, best first. */
export interface ServerPlan {
  readonly needs: readonly Need[]
  readonly providers: readonly Provider[]
  /** How a person gets one. */
  readonly advice: string
}
