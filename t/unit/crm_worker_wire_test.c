/*
 * Answers of HTTP/1.1, whole, in pieces, and as no server should write them. A
 * reader that took one for another would settle a delivery by what was never
 * said, or leave the rest of it to the next request of the connection.
 */

#include "crm_test.h"

#include "crm_worker_wire.h"


typedef struct {
    const char    *text;
    crm_status_t   rc;          /* CRM_DECLINED: the connection ends then */
    int            status;
    int            answered;
    int            keep;
    const char    *body;
    size_t         more;        /* bytes behind it */
} answer_t;

typedef struct {
    char    body[256];
    size_t  len;
    size_t  lines;
    size_t  max;                /* of the body; more is not wanted */
} read_t;


static int
on_header(void *data, crm_str_t line)
{
    read_t  *read = data;

    assert_true(line.len > 0 && line.data[line.len - 1] == '\n');
    read->lines++;

    return 1;
}


static int
on_body(void *data, crm_str_t bytes)
{
    read_t  *read = data;

    if (read->len + bytes.len > read->max) {
        return 0;
    }

    memcpy(read->body + read->len, bytes.data, bytes.len);
    read->len += bytes.len;

    return 1;
}


static const crm_worker_wire_sink_t  sink = { on_header, on_body };


static void
begin(crm_worker_wire_t *wire, read_t *read)
{
    memset(read, 0, sizeof(read_t));
    read->max = sizeof(read->body);
    crm_worker_wire_init(wire, &sink, read, 0);
}


/* In pieces of so many bytes, each where its end is seen by valgrind. */
static crm_status_t
feed(crm_worker_wire_t *wire, crm_str_t text, size_t piece, size_t *more)
{
    char          *copy;
    size_t         n, used;
    crm_status_t   rc;

    rc = CRM_DECLINED;

    while (text.len > 0 && rc == CRM_DECLINED) {
        n = text.len < piece ? text.len : piece;
        copy = malloc(n);
        assert_non_null(copy);
        memcpy(copy, text.data, n);

        rc = crm_worker_wire_read(wire, crm_str(copy, n), &used);

        free(copy);
        assert_true(used <= n);
        assert_true(rc != CRM_DECLINED || used == n);
        text.data += used;
        text.len -= used;
    }

    *more = text.len;

    return rc;
}


static const answer_t  answers[] = {
    { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
      CRM_OK, 200, 1, 1, "ok", 0 },
    { "HTTP/1.1 200\r\ncontent-length:2\r\n\r\nok", CRM_OK, 200, 1, 1, "ok",
      0 },
    { "HTTP/1.1 200 OK\nContent-Length:\t 2 \n\nok", CRM_OK, 200, 1, 1, "ok",
      0 },
    { "HTTP/1.1 204 No\r\n\r\n", CRM_OK, 204, 1, 1, "", 0 },
    { "HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", CRM_OK, 304, 1, 1, "",
      0 },
    { "HTTP/1.1 500 X\r\nContent-Length: 0\r\nRetry-After: 7\r\n\r\n",
      CRM_OK, 500, 1, 1, "", 0 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 X\r\n",
      CRM_OK, 200, 1, 1, "ok", 16 },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
      CRM_OK, 200, 1, 1, "abc0123456789", 0 },
    { "HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n"
      "HTTP/1.1 202 X\r\nContent-Length: 1\r\n\r\n.", CRM_OK, 202, 1, 1, ".",
      0 },

    /* the connection is of no more use */
    { "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
      CRM_OK, 200, 1, 0, "ok", 0 },
    { "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n"
      "\r\n", CRM_OK, 200, 1, 1, "", 0 },
    { "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n",
      CRM_OK, 200, 1, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\n\r\nto the end", CRM_DECLINED, 200, 1, 0,
      "to the end", 0 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked"
      "\r\n\r\n0\r\n\r\n", CRM_OK, 200, 1, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nX: y\r\n z\r\nContent-Length: 0\r\n\r\n",
      CRM_OK, 200, 1, 0, "", 0 },

    { "HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: keep-alive\r\n"
      "Content-Length: 0\r\n\r\n", CRM_OK, 200, 1, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nX: y\r\n z\r\nConnection: keep-alive\r\n"
      "Content-Length: 0\r\n\r\n", CRM_OK, 200, 1, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
      CRM_OK, 200, 1, 0, "ok", 0 },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding\t: chunked\r\n\r\n"
      "2\r\nok\r\n0\r\n\r\n", CRM_OK, 200, 1, 0, "ok", 0 },
    { "HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n", CRM_OK, 204, 1, 0,
      "", 0 },
    { "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n", CRM_OK,
      204, 1, 0, "", 0 },
    { "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n", CRM_OK, 204, 1, 1,
      "", 0 },

    /* cut off: the status counts once the headers are there */
    { "", CRM_DECLINED, 0, 0, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nContent-Le", CRM_DECLINED, 200, 0, 0, "", 0 },
    { "HTTP/1.1 100 Continue\r\n\r\n", CRM_DECLINED, 100, 0, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", CRM_DECLINED, 200, 1,
      0, "ok", 0 },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
      CRM_DECLINED, 200, 1, 0, "ok", 0 },

    /* no answers */
    { "SSH-2.0-x", CRM_EINVAL, 0, 0, 0, "", 8 },
    { "HTTP/2 200\r\n\r\n", CRM_EINVAL, 0, 0, 0, "", 0 },
    { "HTTP/1.2 200 OK\r\n\r\n", CRM_EINVAL, 0, 0, 0, "", 0 },
    { "HTTP/1.1 20 OK\r\n\r\n", CRM_EINVAL, 0, 0, 0, "", 0 },
    { "HTTP/1.1 2000 OK\r\n\r\n", CRM_EINVAL, 0, 0, 0, "", 0 },
    { "HTTP/1.1 099 OK\r\n\r\n", CRM_EINVAL, 0, 0, 0, "", 0 },
    { "HTTP/1.1 101 Switching\r\n\r\n", CRM_EINVAL, 0, 0, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", CRM_EINVAL, 200, 0, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\n: no name\r\n\r\n", CRM_EINVAL, 200, 0, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nX: y\r\n\t : no name\r\n : no name\r\n :\r\n",
      CRM_DECLINED, 200, 0, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
      CRM_EINVAL, 200, 0, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", CRM_EINVAL, 200, 0, 0,
      "", 0 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      CRM_EINVAL, 200, 0, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
      CRM_EINVAL, 200, 0, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", CRM_EINVAL, 200,
      0, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      CRM_EINVAL, 200, 1, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "ffffffffffffffff\r\n", CRM_EINVAL, 200, 1, 0, "", 0 },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
      CRM_EINVAL, 200, 1, 0, "a", 0 },
};

#define ANSWERS  (sizeof(answers) / sizeof(answers[0]))


static void
read_in_pieces(const answer_t *answer, size_t piece)
{
    int                whole;
    size_t             more;
    read_t             read;
    crm_status_t       rc;
    crm_worker_wire_t  wire;

    begin(&wire, &read);
    rc = feed(&wire, crm_strz(answer->text), piece, &more);
    whole = rc == CRM_OK;

    if (rc == CRM_DECLINED) {
        whole = crm_worker_wire_end(&wire);
        assert_int_equal(whole, strcmp(answer->body, "to the end") == 0);
    }

    assert_int_equal(rc, answer->rc);
    assert_int_equal(wire.status, answer->status);
    assert_int_equal(crm_worker_wire_answered(&wire), answer->answered);
    assert_true(crm_str_is(crm_str(read.body, read.len), answer->body));

    if (whole) {
        assert_int_equal(wire.keep, answer->keep);
        assert_int_equal(more, answer->more);
    }

    crm_worker_wire_clean(&wire);
}


static void
an_answer_is_the_same_in_pieces_of_any_size(void **state)
{
    size_t  i, piece;

    (void) state;

    for (i = 0; i < ANSWERS; i++) {
        for (piece = 1; piece <= strlen(answers[i].text) + 1; piece++) {
            read_in_pieces(&answers[i], piece);
        }
    }
}


static void
what_answers_head_has_no_body(void **state)
{
    size_t             more;
    read_t             read;
    crm_worker_wire_t  wire;

    (void) state;

    begin(&wire, &read);
    wire.no_body = 1;

    assert_int_equal(feed(&wire, CRM_STR("HTTP/1.1 200 OK\r\n"
                                         "Content-Length: 5\r\n\r\n"), 64,
                          &more), CRM_OK);
    assert_int_equal(wire.keep, 1);
    crm_worker_wire_clean(&wire);
}


static void
when_to_come_again_is_seconds_or_a_date(void **state)
{
    char               text[160];
    size_t             i, more;
    read_t             read;
    crm_worker_wire_t  wire;

    static const struct {
        const char  *value;
        int64_t      least, most;
    } rows[] = {
        { "0", 0, 0 }, { "120", 120, 120 }, { "", 0, 0 }, { "soon", 0, 0 },
        { "-5", 0, 0 }, { "1.5", 0, 0 },
        { "Mon, 01 Jan 2001 00:00:00 GMT", 0, 0 },
        { "Fri, 01 Jan 2100 00:00:00 GMT", 1000000, 4102444800LL }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(text, sizeof(text), "HTTP/1.1 503 X\r\nRetry-After: %s\r\n"
                 "Content-Length: 0\r\n\r\n", rows[i].value);
        begin(&wire, &read);
        assert_int_equal(feed(&wire, crm_strz(text), 1000, &more), CRM_OK);
        assert_true(wire.retry_after_s >= rows[i].least
                    && wire.retry_after_s <= rows[i].most);
        crm_worker_wire_clean(&wire);
    }
}


static void
a_head_without_an_end_is_left(void **state)
{
    size_t             i, k, used;
    read_t             read;
    crm_status_t       rc;
    crm_worker_wire_t  wire;

    static const char *const  begins[] = {
        "HTTP/1.1 ", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 100 X\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    };
    static const char *const  more[] = {
        "0123456789", "0123456789", "HTTP/1.1 100 X\r\n\r\n", "0000000000",
        "X: y\r\n"
    };

    (void) state;

    for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
        begin(&wire, &read);
        rc = crm_worker_wire_read(&wire, crm_strz(begins[i]), &used);

        for (k = 0; rc == CRM_DECLINED
                    && k * strlen(more[i]) <= CRM_WORKER_WIRE_MAX_HEAD; k++)
        {
            rc = crm_worker_wire_read(&wire, crm_strz(more[i]), &used);
        }

        assert_int_equal(rc, CRM_ELIMIT);
        crm_worker_wire_clean(&wire);
    }
}


/* As servers write that give a record out when they have it. */
static void
a_body_may_come_in_any_number_of_chunks(void **state)
{
    size_t             i, used;
    read_t             read;
    crm_worker_wire_t  wire;

    (void) state;

    begin(&wire, &read);
    assert_int_equal(crm_worker_wire_read(&wire,
        CRM_STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        &used), CRM_DECLINED);

    for (i = 0; i < CRM_WORKER_WIRE_MAX_HEAD; i++) {
        assert_int_equal(crm_worker_wire_read(&wire, CRM_STR("1\r\na\r\n"),
                                              &used), CRM_DECLINED);
        assert_int_equal(read.len, 1);
        read.len = 0;
    }

    assert_int_equal(crm_worker_wire_read(&wire, CRM_STR("0\r\n\r\n"), &used),
                     CRM_OK);
    crm_worker_wire_clean(&wire);
}


static void
who_wants_no_more_gets_no_more(void **state)
{
    size_t             more;
    read_t             read;
    crm_worker_wire_t  wire;

    (void) state;

    begin(&wire, &read);
    read.max = 3;

    assert_int_equal(feed(&wire, CRM_STR("HTTP/1.1 200 OK\r\n\r\nabcdef"), 1,
                          &more), CRM_ELIMIT);
    assert_int_equal(read.len, 3);
    crm_worker_wire_clean(&wire);
}


/* Nothing to be proven but that it ends, and that no byte is read twice. */
static void
a_byte_that_is_wrong_does_no_harm(void **state)
{
    char               text[256];
    size_t             i, at, len, more;
    read_t             read;
    unsigned           random;
    crm_worker_wire_t  wire;

    (void) state;

    random = 20261123;

    for (i = 0; i < 200000; i++) {
        len = strlen(answers[i % ANSWERS].text);
        memcpy(text, answers[i % ANSWERS].text, len);

        random = random * 1103515245 + 12345;
        at = len ? (random >> 16) % len : 0;
        random = random * 1103515245 + 12345;
        text[at] = (char) (random >> 16);

        begin(&wire, &read);
        (void) feed(&wire, crm_str(text, len), 1 + i % 40, &more);
        (void) crm_worker_wire_end(&wire);
        crm_worker_wire_clean(&wire);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(an_answer_is_the_same_in_pieces_of_any_size),
        cmocka_unit_test(what_answers_head_has_no_body),
        cmocka_unit_test(when_to_come_again_is_seconds_or_a_date),
        cmocka_unit_test(a_head_without_an_end_is_left),
        cmocka_unit_test(a_body_may_come_in_any_number_of_chunks),
        cmocka_unit_test(who_wants_no_more_gets_no_more),
        cmocka_unit_test(a_byte_that_is_wrong_does_no_harm)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
