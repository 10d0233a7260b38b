package store

import "golang.org/x/sys/unix"

// isNetworkFS asks the system: it marks each volume that is stored locally.
func isNetworkFS(dir string) bool {
	var st unix.Statfs_t
	return unix.Statfs(dir, &st) == nil && st.Flags&unix.MNT_LOCAL == 0
}
