//go:build !linux && !darwin && !windows

package store

// isNetworkFS says no where there is no known way to tell.
func isNetworkFS(string) bool { return false }
