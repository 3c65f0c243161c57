package onnx

// sessionSettings are what a session is made with. The only view that this package has of ONNX Runtime is newSession, so that the binding can
// be replaced; session_cgo.go has it.
type sessionSettings struct {
	inputs, outputs  []string // the names of the tensors used
	folder           string   // where external data lies
	threads          int
	provider         string
	providerSettings map[string]string
	optimization     OptimizationLevel
	exactProducts    bool
	strict           bool        // nodes that the provider does not take are an error
	profile          string      // how the names of the files begin that tell what ran where; "" for none
	info             runtimeInfo // of the library, for errors
}
