//go:build !race

package signal_test

const raceEnabled = false
