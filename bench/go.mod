module github.com/triggerfinder/triggerfinder/bench

go 1.26.0

require (
	github.com/triggerfinder/triggerfinder v0.0.0
	github.com/triggerfinder/triggerfinder/runtimes/oip v0.0.0
	github.com/triggerfinder/triggerfinder/zoo v0.0.0
	github.com/yalue/onnxruntime_go v1.27.0
	golang.org/x/image v0.47.0
	golang.org/x/sys v0.49.0
	gonum.org/v1/plot v0.17.0
	google.golang.org/protobuf v1.36.12
)

require golang.org/x/tools v0.51.0 // indirect

require (
	codeberg.org/go-fonts/liberation v0.5.0 // indirect
	codeberg.org/go-latex/latex v0.2.0 // indirect
	codeberg.org/go-pdf/fpdf v0.11.1 // indirect
	git.sr.ht/~sbinet/gg v0.7.0 // indirect
	github.com/ajstarks/svgo v0.0.0-20211024235047-1546f124cd8b // indirect
	github.com/gofrs/flock v0.13.2 // indirect
	github.com/golang/freetype v0.0.0-20170609003504-e2365dfdc4a0 // indirect
	github.com/onsi/gomega v1.44.0 // indirect
	golang.org/x/net v0.60.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	gonum.org/v1/gonum v0.17.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260817212433-ac3dfec99bb1 // indirect
	google.golang.org/grpc v1.85.0 // indirect
)

replace github.com/triggerfinder/triggerfinder => ../

replace github.com/triggerfinder/triggerfinder/zoo => ../zoo

replace github.com/triggerfinder/triggerfinder/runtimes/oip => ../runtimes/oip
