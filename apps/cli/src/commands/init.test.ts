import { expect, it } from 'vitest'
import { nameFrom } from './init.ts'

it.each([
  ['data/in/Users 2024.csv.gz', 'users_2024'],
  ['https://user:pw@api.example.org/v1/orders?key=1', 'orders'],
  ['https://api.example.org/', 'api_example'],
  ['mqtt://localhost:1883', 'localhost'],
  ['???', 'data'],
])('names the dataset of %s %s', (locator, name) => {
  expect(nameFrom(locator)).toBe(name)
})
