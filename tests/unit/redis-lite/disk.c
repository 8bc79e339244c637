/* SPDX-License-Identifier: MIT */
#include "redis-lite/disk.h"
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int __real_fdatasync(int fd);
int __real_fsync(int fd);
int __real_renameat(int olddir, const char *from, int newdir, const char *to);
int __real_renameat2(int olddir, const char *from, int newdir, const char *to, unsigned flags);
/* What ftruncate() is with 64-bit offsets. */
int __real_ftruncate64(int fd, off_t size);
int __real_posix_fadvise64(int fd, off_t offset, off_t len, int advice);
ssize_t __wrap_write(int fd, const void *buf, size_t len);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
int __wrap_renameat(int olddir, const char *from, int newdir, const char *to);
int __wrap_renameat2(int olddir, const char *from, int newdir, const char *to, unsigned flags);
int __wrap_ftruncate64(int fd, off_t size);
int __wrap_posix_fadvise64(int fd, off_t offset, off_t len, int advice);

struct disk disk;

static bool fails(enum disk_call kind)
{
	if (kind != disk.kind || atomic_load(&disk.left) == 0 ||
	    atomic_fetch_sub(&disk.left, 1) != 1) {
		return false;
	}
	errno = disk.error;
	return true;
}

static int sync_folder(void)
{
	atomic_fetch_add(&disk.folder_syncs, 1);
	if (disk.folders_cannot || fails(DISK_SYNC)) {
		errno = disk.folders_cannot ? EINVAL : disk.error;
		return -1;
	}
	return 0;
}

static bool is_loop(void)
{
	return gettid() == getpid();
}

void disk_forget_syncs(void)
{
	for (size_t i = 0; i < DISK_FDS_MAX; i++) {
		atomic_store(&disk.synced[i], 0);
	}
}

static int sync_fd(int fd)
{
	struct stat st;
	off_t size;

	g_assert_cmpint(fd, <, DISK_FDS_MAX);
	g_assert_cmpint(fstat(fd, &st), ==, 0);
	if (S_ISDIR(st.st_mode)) {
		return sync_folder();
	}
	size = st.st_size;
	if (!fails(DISK_SYNC)) {
		disk.synced[fd] = size;
		return 0;
	}
	if (size > disk.synced[fd]) {
		g_assert_cmpint(__real_ftruncate64(fd, disk.synced[fd]), ==, 0);
		g_assert_cmpint(__real_ftruncate64(fd, size), ==, 0);
	}
	errno = disk.error;
	return -1;
}

int __wrap_fdatasync(int fd)
{
	return sync_fd(fd);
}

int __wrap_fsync(int fd)
{
	if (disk.gated && !is_loop()) {
		sem_post(&disk.came);
		while (sem_wait(&disk.may_go) < 0) {
		}
		sem_post(&disk.went);
	}
	return sync_fd(fd);
}

/* Half of it is written before it fails, as on a disk that becomes full. */
ssize_t __wrap_write(int fd, const void *buf, size_t len)
{
	static atomic_bool halved;

	if (atomic_exchange(&halved, false)) {
		errno = disk.error;
		return -1;
	}
	if (fails(DISK_WRITE)) {
		if (len < 2) {
			return -1;
		}
		atomic_store(&halved, true);
		len /= 2;
	}
	atomic_fetch_add(&disk.written, is_loop() ? len : 0);
	return __real_write(fd, buf, len);
}

/* One that is to fail does so in both ways. */
int __wrap_renameat2(int olddir, const char *from, int newdir, const char *to, unsigned flags)
{
	if (disk.names_cannot || (disk.kind == DISK_RENAME && atomic_load(&disk.left) == 1)) {
		errno = disk.names_cannot ? EINVAL : disk.error;
		return -1;
	}
	g_assert_false(fails(DISK_RENAME));
	return __real_renameat2(olddir, from, newdir, to, flags);
}

int __wrap_posix_fadvise64(int fd, off_t offset, off_t len, int advice)
{
	g_assert_cmpint(offset, ==, disk.dropped_to);
	g_assert_cmpint(advice, ==, POSIX_FADV_DONTNEED);
	disk.dropped_to = offset + len;
	return __real_posix_fadvise64(fd, offset, len, advice);
}

int __wrap_renameat(int olddir, const char *from, int newdir, const char *to)
{
	return fails(DISK_RENAME) ? -1 : __real_renameat(olddir, from, newdir, to);
}

int __wrap_ftruncate64(int fd, off_t size)
{
	return fails(DISK_TRUNCATE) ? -1 : __real_ftruncate64(fd, size);
}

int disk_open_store(const char *dir, enum aof_fsync policy, struct instance **ret_instance)
{
	disk_forget_syncs();
	*ret_instance = store_create(dir);
	(*ret_instance)->settings.aof.fsync = policy;
	return store_open(*ret_instance);
}

bool disk_is_thorough(void)
{
	return g_getenv("REDIS_LITE_ROUNDS") != NULL;
}
