package store

import "syscall"

// networkFS are the f_type values of statfs(2) for file systems whose files
// other machines may hold open: NFS, SMB, CIFS, SMB2, AFS, Ceph, 9P.
var networkFS = map[int64]bool{
	0x6969: true, 0x517B: true, 0xFF534D42: true, 0xFE534D42: true,
	0x5346414F: true, 0x00C36400: true, 0x01021997: true,
}

func isNetworkFS(dir string) bool {
	var st syscall.Statfs_t
	return syscall.Statfs(dir, &st) == nil && networkFS[int64(st.Type)&0xFFFFFFFF] //nolint:unconvert // Type has another size on other machines
}
