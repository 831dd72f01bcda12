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
  stop(): Promise<void>
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
