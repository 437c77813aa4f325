/*
 * The process of a function.
 */

#include "crm_worker_process.h"

#include "crm_worker_child.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>


#define PROCESS_READ  (64 * 1024)
#define PROCESS_SELF  "/proc/self/exe"

struct crm_worker_process_s {
    uv_process_t                  uv;
    uv_pipe_t                     in;           /* we write */
    uv_pipe_t                     out;          /* we read */
    uv_timer_t                    timer;

    crm_worker_process_said_pt    said;
    crm_worker_process_ended_pt   ended;
    void                         *data;

    char                         *text;         /* of frames, not yet whole */
    size_t                        len;
    size_t                        cap;

    int                           open;         /* handles not yet closed */
    crm_worker_process_how_t      how;
    int                           status;
    unsigned                      exited:1;
    unsigned                      silent:1;     /* its pipe has ended */
    unsigned                      killed:1;     /* nobody is to be told */
};

typedef struct {
    uv_write_t  req;
    char        data[];
} process_write_t;


static int   process_spawn(crm_worker_process_t *process, uv_loop_t *loop);
static void  process_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf);
static void  process_read(uv_stream_t *stream, ssize_t n,
    const uv_buf_t *buf);
static void  process_frames(crm_worker_process_t *process);
static void  process_written(uv_write_t *req, int status);
static void  process_exited(uv_process_t *uv, int64_t status, int signum);
static void  process_late(uv_timer_t *timer);
static void  process_stop(crm_worker_process_t *process,
    crm_worker_process_how_t how);
static void  process_end(crm_worker_process_t *process);
static void  process_closed(uv_handle_t *handle);


crm_worker_process_t *
crm_worker_process_open(crm_worker_loop_t *loop, int64_t wall_ms,
    crm_worker_process_said_pt said, crm_worker_process_ended_pt ended,
    void *data, int *error)
{
    crm_worker_process_t  *process;

    process = calloc(1, sizeof(crm_worker_process_t));

    if (process == NULL) {
        *error = UV_ENOMEM;
        return NULL;
    }

    process->said = said;
    process->ended = ended;
    process->data = data;
    process->uv.data = process;
    process->in.data = process;
    process->out.data = process;
    process->timer.data = process;

    (void) uv_pipe_init(&loop->uv, &process->in, 0);
    (void) uv_pipe_init(&loop->uv, &process->out, 0);
    (void) uv_timer_init(&loop->uv, &process->timer);

    *error = process_spawn(process, &loop->uv);

    if (*error == 0) {
        *error = uv_read_start((uv_stream_t *) &process->out, process_alloc,
                               process_read);
    }

    if (*error != 0) {
        process->exited |= process->uv.pid <= 0;
        crm_worker_process_kill(process);
        return NULL;
    }

    (void) uv_timer_start(&process->timer, process_late, (uint64_t) wall_ms,
                          0);

    return process;
}


/* Itself, with nothing of what it was started with. */
static int
process_spawn(crm_worker_process_t *process, uv_loop_t *loop)
{
    char                  *args[3], *env[1];
    uv_stdio_container_t   stdio[3];
    uv_process_options_t   options;

    memset(&options, 0, sizeof(options));

    args[0] = (char *) "crm-worker";
    args[1] = (char *) CRM_WORKER_CHILD_ARGUMENT;
    args[2] = NULL;
    env[0] = NULL;

    stdio[0].flags = UV_CREATE_PIPE | UV_READABLE_PIPE;
    stdio[0].data.stream = (uv_stream_t *) &process->in;
    stdio[1].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
    stdio[1].data.stream = (uv_stream_t *) &process->out;
    stdio[2].flags = UV_INHERIT_FD;
    stdio[2].data.fd = 2;

    options.file = PROCESS_SELF;
    options.args = args;
    options.env = env;
    options.cwd = "/";
    options.stdio = stdio;
    options.stdio_count = 3;
    options.exit_cb = process_exited;

    return uv_spawn(loop, &process->uv, &options);
}


crm_status_t
crm_worker_process_tell(crm_worker_process_t *process,
    crm_worker_frame_kind_t kind, crm_str_t text)
{
    uv_buf_t          buf;
    process_write_t  *write;

    if (text.len > CRM_WORKER_FRAME_MAX) {
        return CRM_ENOMEM;
    }

    write = malloc(sizeof(process_write_t) + CRM_WORKER_FRAME_HEAD
                   + text.len);
    if (write == NULL) {
        return CRM_ENOMEM;
    }

    crm_worker_frame_head((unsigned char *) write->data, kind, text.len);
    memcpy(write->data + CRM_WORKER_FRAME_HEAD, text.data, text.len);
    buf = uv_buf_init(write->data,
                      (unsigned) (CRM_WORKER_FRAME_HEAD + text.len));

    if (uv_write(&write->req, (uv_stream_t *) &process->in, &buf, 1,
                 process_written)
        != 0)
    {
        free(write);            /* it has gone: its end tells */
    }

    return CRM_OK;
}


void
crm_worker_process_kill(crm_worker_process_t *process)
{
    process->killed = 1;

    if (!process->exited) {
        (void) uv_process_kill(&process->uv, SIGKILL);
    }

    process->silent = 1;
    process_end(process);
}


static void
process_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    char                  *text;
    size_t                 cap;
    crm_worker_process_t  *process = handle->data;

    (void) size;

    *buf = uv_buf_init(NULL, 0);

    if (process->cap - process->len < PROCESS_READ) {
        cap = process->cap + (process->cap > PROCESS_READ
                              ? process->cap : PROCESS_READ);
        text = realloc(process->text, cap);

        if (text == NULL) {
            return;             /* told as UV_ENOBUFS */
        }

        process->text = text;
        process->cap = cap;
    }

    *buf = uv_buf_init(process->text + process->len, PROCESS_READ);
}


static void
process_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    crm_worker_process_t  *process = stream->data;

    (void) buf;

    if (n < 0) {
        (void) uv_read_stop(stream);

        if (n != UV_EOF) {
            process_stop(process, CRM_WORKER_PROCESS_RUDE);
        }

        process->silent = 1;
        process_end(process);
        return;
    }

    process->len += (size_t) n;
    process_frames(process);
}


/* Whoever is told may kill the process: then it is not touched any more. */
static void
process_frames(crm_worker_process_t *process)
{
    char                 *text;
    size_t                len, at;
    const unsigned char  *head;

    at = 0;

    while (process->len - at >= CRM_WORKER_FRAME_HEAD && !process->killed) {
        head = (const unsigned char *) process->text + at;
        len = crm_worker_frame_len(head);

        if (len > CRM_WORKER_FRAME_MAX) {
            process_stop(process, CRM_WORKER_PROCESS_RUDE);
            return;
        }

        if (process->len - at < CRM_WORKER_FRAME_HEAD + len) {
            break;
        }

        text = process->text + at + CRM_WORKER_FRAME_HEAD;
        at += CRM_WORKER_FRAME_HEAD + len;
        process->said(process->data, (char) head[0], crm_str(text, len));
    }

    if (!process->killed && at) {
        process->len -= at;
        memmove(process->text, process->text + at, process->len);
    }
}


static void
process_written(uv_write_t *req, int status)
{
    (void) status;

    free(req);
}


static void
process_exited(uv_process_t *uv, int64_t status, int signum)
{
    crm_worker_process_t  *process = uv->data;

    process->exited = 1;

    if (process->how == CRM_WORKER_PROCESS_EXITED) {
        process->how = signum ? CRM_WORKER_PROCESS_KILLED
                              : CRM_WORKER_PROCESS_EXITED;
        process->status = signum ? signum : (int) status;
    }

    process_end(process);
}


static void
process_late(uv_timer_t *timer)
{
    process_stop(timer->data, CRM_WORKER_PROCESS_LATE);
}


/* Its exit comes by itself. */
static void
process_stop(crm_worker_process_t *process, crm_worker_process_how_t how)
{
    process->how = how;
    (void) uv_read_stop((uv_stream_t *) &process->out);
    process->silent = 1;

    if (!process->exited) {
        (void) uv_process_kill(&process->uv, SIGKILL);
    }

    process_end(process);
}


/* It has ended when it has exited and all that it said was read. */
static void
process_end(crm_worker_process_t *process)
{
    uv_handle_t  *handles[4];
    int           i;

    if (process->open || !process->exited || !process->silent) {
        return;
    }

    handles[0] = (uv_handle_t *) &process->in;
    handles[1] = (uv_handle_t *) &process->out;
    handles[2] = (uv_handle_t *) &process->timer;
    handles[3] = (uv_handle_t *) &process->uv;

    for (i = 0; i < 4; i++) {
        process->open++;
        uv_close(handles[i], process_closed);
    }
}


static void
process_closed(uv_handle_t *handle)
{
    crm_worker_process_t  *process = handle->data;

    if (--process->open) {
        return;
    }

    if (!process->killed) {
        process->ended(process->data, process->how, process->status);
    }

    free(process->text);
    free(process);
}
