module github.com/triggerfinder/triggerfinder/bench

go 1.26.0

require (
	github.com/triggerfinder/triggerfinder v0.0.0
	golang.org/x/sys v0.49.0
)

require (
	github.com/gofrs/flock v0.13.2 // indirect
	github.com/yalue/onnxruntime_go v1.27.0 // indirect
	golang.org/x/image v0.47.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/triggerfinder/triggerfinder => ../
