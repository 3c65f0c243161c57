//go:build !race

package generators_test

const raceEnabled = false
