/*
 * copiers_wait.c
 *		How the main thread of a job worker waits for its copiers, and how Java
 *		threads wake it meanwhile.
 *
 * A latch is for the server's own code, which runs on the main thread alone.
 * Other threads write to a pipe, which is all that they do.
 */
#include "postgres.h"

#include <fcntl.h>
#include <unistd.h>

#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/latch.h"

#include "copier.h"

/* Where the main thread listens, and where others write. */
static pgsocket listening = PGINVALID_SOCKET;
static int	waking = -1;

/* Nobody waits for the other end, and no program that is started gets it. */
static bool
prepare(int end)
{
	return fcntl(end, F_SETFL, O_NONBLOCK) == 0 && fcntl(end, F_SETFD, FD_CLOEXEC) == 0;
}

/* Before there are threads. */
void
steep_prepare_wait(void)
{
	int			ends[2];

	if (pipe(ends) != 0 || !prepare(ends[0]) || !prepare(ends[1]))
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not create a pipe for the threads of a job: %m")));
	ReserveExternalFD();
	ReserveExternalFD();
	listening = ends[0];
	waking = ends[1];
}

/*
 * Ends the wait, or the next one.  Any thread may call this, and so it does
 * nothing that the server would have to know of: a full pipe wakes as well.
 * The number is for the signature that Java knows, and means nothing.
 */
int32
steep_wake(int32 unused)
{
	return write(waking, "", 1) < 0 ? -1 : 0;
}

static void
drain(void)
{
	char		wakings[256];

	while (read(listening, wakings, sizeof(wakings)) == sizeof(wakings))
		;
}

/* Waits until a copier has something to say or room for more, a thread wakes it, or so many ms. */
void
steep_wait_for_copiers(int64 timeout)
{
	int			events = WaitLatchOrSocket(MyLatch,
										   WL_LATCH_SET | WL_SOCKET_READABLE | WL_TIMEOUT |
										   WL_EXIT_ON_PM_DEATH,
										   listening, (long) timeout, walrus_wait_event());

	if (events & WL_SOCKET_READABLE)
		drain();
	ResetLatch(MyLatch);
	steep_check_point();
}
