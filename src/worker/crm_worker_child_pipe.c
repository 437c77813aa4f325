/*
 * Frames between a function's process and the worker, from its end.
 */

#include "crm_worker_child_pipe.h"

#include <errno.h>
#include <unistd.h>


static int  pipe_read(void *data, size_t len);
static int  pipe_write(const void *data, size_t len);


int
crm_worker_child_read(char *kind, crm_str_t *text, crm_pool_t *pool)
{
    char           *data;
    size_t          len;
    unsigned char   head[CRM_WORKER_FRAME_HEAD];

    if (!pipe_read(head, sizeof(head))) {
        return 0;
    }

    len = crm_worker_frame_len(head);
    data = len <= CRM_WORKER_FRAME_MAX ? crm_pool_alloc(pool, len + 1) : NULL;

    if (data == NULL || !pipe_read(data, len)) {
        return 0;
    }

    *kind = (char) head[0];
    *text = crm_str(data, len);

    return 1;
}


int
crm_worker_child_write(crm_worker_frame_kind_t kind, crm_str_t text)
{
    unsigned char  head[CRM_WORKER_FRAME_HEAD];

    crm_worker_frame_head(head, kind, text.len);

    return pipe_write(head, sizeof(head))
           && pipe_write(text.data, text.len);
}


static int
pipe_read(void *data, size_t len)
{
    char     *p = data;
    ssize_t   n;

    while (len) {
        n = read(STDIN_FILENO, p, len);

        if (n == -1 && errno == EINTR) {
            continue;
        }

        if (n <= 0) {
            return 0;
        }

        p += n;
        len -= (size_t) n;
    }

    return 1;
}


static int
pipe_write(const void *data, size_t len)
{
    ssize_t      n;
    const char  *p = data;

    while (len) {
        n = write(STDOUT_FILENO, p, len);

        if (n == -1 && errno == EINTR) {
            continue;
        }

        if (n <= 0) {
            return 0;
        }

        p += n;
        len -= (size_t) n;
    }

    return 1;
}
