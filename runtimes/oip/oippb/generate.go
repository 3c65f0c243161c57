// Package oippb is Go code for the messages of the Open Inference Protocol, version 2, from oip.proto, which stands beside it.
package oippb

//go:generate protoc -I . --go_out=. --go_opt=paths=source_relative --go_opt=Moip.proto=github.com/triggerfinder/triggerfinder/runtimes/oip/oippb oip.proto
