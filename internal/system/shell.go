package system

import (
	"strings"
)

// shellNames and shellPrefixes are the variables by which a person's shell says
// where programs, clusters and credentials are.
var (
	shellNames = map[string]bool{
		"PATH": true, "KUBECONFIG": true, "GITHUB_TOKEN": true,
		"HTTP_PROXY": true, "HTTPS_PROXY": true, "NO_PROXY": true, "ALL_PROXY": true,
		"http_proxy": true, "https_proxy": true, "no_proxy": true, "all_proxy": true,
		"SSL_CERT_FILE": true, "SSL_CERT_DIR": true,
		"TMPDIR":          true, // where the socket of a home with a long path is
		"XDG_CONFIG_HOME": true, "XDG_CACHE_HOME": true, "XDG_STATE_HOME": true, "XDG_DATA_HOME": true,
		"KREW_ROOT": true, "USE_GKE_GCLOUD_AUTH_PLUGIN": true,
	}
	shellPrefixes = []string{"AWS_", "AZURE_", "CLOUDSDK_", "GOOGLE_", "KUBELOGIN_", "PORTOLAN_"}
)

// OfShell reports whether a variable belongs to what a login shell decides.
func OfShell(name string) bool {
	if shellNames[name] {
		return true
	}
	for _, prefix := range shellPrefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
