package gate

// Noise is how much each model of a pair differs from itself when only the runtime's settings change.
type Noise struct {
	Inputs   int            `json:"inputs"`
	Settings []NoiseSetting `json:"settings"`
	Triggers []TriggerCause `json:"triggers,omitempty"`
}

// NoiseSetting compares one model under a setting with the same model as the pair runs it.
type NoiseSetting struct {
	Model         string  `json:"model"`   // "original" or "compressed"
	Setting       string  `json:"setting"` // such as "2 threads", "batch 32", "optimisation off"
	Labels        int     `json:"labels"`  // inputs whose label changed
	Scores        int     `json:"scores"`  // inputs whose scores changed at all
	LargestChange float64 `json:"largest_change"`
}

// Cause is where a trigger comes from.
type Cause string

// The causes.
const (
	FromCompression Cause = "compression"     // it deviates under every setting of the runtime
	FromSetting     Cause = "runtime setting" // it vanishes under some of them
	FromInstability Cause = "unstable"        // it does not even repeat under the same ones
)

// TriggerCause labels one trigger.
type TriggerCause struct {
	ID    string `json:"id"`
	Cause Cause  `json:"cause"`
	// Settings are those under which it vanishes.
	Settings []string `json:"settings,omitempty"`
}
