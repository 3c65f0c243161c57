//go:build race

package generators_test

const raceEnabled = true
