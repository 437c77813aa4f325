/*
 * Strings and white space are passed in steps of 16 or 8 bytes. It would fail
 * by missing a byte that matters at some place within a step, or by reading
 * behind the end.
 */

#include "crm_test.h"

#include "record/crm_token.h"


#define LONGEST  40


static void
every_byte_is_seen_at_every_place(void **state)
{
    char               *text;
    unsigned            byte;
    size_t              len, at;
    uint8_t             escaped;
    const char         *end;
    crm_token_fault_t   fault;

    (void) state;

    for (len = 1; len < LONGEST; len++) {
        for (at = 0; at < len; at++) {
            for (byte = 0; byte < 256; byte++) {

                text = malloc(len + 1);
                assert_non_null(text);
                memset(text, 'x', len);
                text[len] = '"';
                text[at] = (char) byte;

                end = crm_token_string(text, text + len + 1, &escaped,
                                       &fault);

                if (byte == '"') {
                    assert_ptr_equal(end, text + at + 1);

                } else if (byte == '\\' && at == len - 1) {
                    assert_null(end);
                    assert_ptr_equal(fault.at, text + len + 1);

                } else if (byte < 0x20 || byte >= 0x80 || byte == '\\') {
                    assert_null(end);
                    assert_ptr_equal(fault.at, text + at);

                } else {
                    assert_ptr_equal(end, text + len + 1);
                    assert_int_equal(escaped, 0);
                }

                free(text);
            }
        }
    }
}


static void
two_special_bytes_are_told_apart(void **state)
{
    char                text[16 + 1];
    size_t              a, b;
    uint8_t             escaped;
    const char         *end;
    crm_token_fault_t   fault;

    (void) state;

    for (a = 0; a < 16; a++) {
        for (b = 0; b < a; b++) {
            memset(text, '#', sizeof(text));
            text[a] = '\x01';
            text[b] = '"';

            end = crm_token_string(text, text + sizeof(text), &escaped,
                                   &fault);
            assert_ptr_equal(end, text + b + 1);

            text[a] = '"';
            text[b] = '\x01';

            end = crm_token_string(text, text + sizeof(text), &escaped,
                                   &fault);
            assert_null(end);
            assert_ptr_equal(fault.at, text + b);
        }
    }
}


static void
white_space_ends_where_it_ends(void **state)
{
    char    *text;
    size_t   len, at;

    (void) state;

    for (len = 0; len < LONGEST; len++) {
        for (at = 0; at <= len; at++) {
            text = malloc(len + 1);
            assert_non_null(text);
            memset(text, ' ', len);

            if (at < len) {
                text[at] = at % 2 ? '\x0b' : 'x';
            }

            assert_ptr_equal(crm_token_space(text, text + len), text + at);

            if (at < len) {
                text[at] = "\n\r\t"[at % 3];
                assert_ptr_equal(crm_token_space(text, text + len),
                                 text + len);
            }

            free(text);
        }
    }
}


static void
every_code_point_survives_an_escape_and_no_surrogate_a_sequence(void **state)
{
    long                point, tail;
    char                text[40], out[CRM_TOKEN_UNIT];
    size_t              n;
    uint8_t             escaped;
    const char         *p;
    crm_token_fault_t   fault;

    (void) state;

    for (point = 1; point <= 0x10ffff; point += point < 0x800 ? 1 : 37) {

        if (point >= 0xd800 && point <= 0xdfff) {
            continue;
        }

        tail = point - 0x10000;

        if (point < 0x10000) {
            (void) snprintf(text, sizeof(text), "\\u%04lx\"", point);

        } else {
            (void) snprintf(text, sizeof(text), "\\u%04lX\\u%04lx\"",
                            0xd800 + (tail >> 10), 0xdc00 + (tail & 0x3ff));
        }

        p = crm_token_string(text, text + strlen(text), &escaped, &fault);
        assert_non_null(p);
        assert_int_equal(escaped, 1);

        p = text;
        n = crm_token_unit(out, &p);
        assert_ptr_equal(p, text + strlen(text) - 1);

        /* the scanner takes what was written, and as one character */

        if (point >= 0x80) {
            p = crm_token_utf8(out, out + n, &fault);
            assert_ptr_equal(p, out + n);
            assert_null(crm_token_utf8(out, out + n - 1, &fault));

        } else {
            assert_int_equal(n, 1);
            assert_int_equal(out[0], point);
        }
    }
}


static void
utf8_is_what_the_standard_says_byte_by_byte(void **state)
{
    int                 good, a, b, c;
    unsigned char       text[4];
    const char         *p;
    crm_token_fault_t   fault;

    (void) state;

    for (a = 0x80; a < 256; a++) {
        for (b = 0; b < 256; b++) {
            for (c = 0x7f; c < 0x100; c += 0x20) {
                text[0] = (unsigned char) a;
                text[1] = (unsigned char) b;
                text[2] = (unsigned char) c;
                text[3] = 0x80;

                /* Unicode's table of well-formed sequences */

                good = (a >= 0xc2 && a <= 0xdf && b >= 0x80 && b <= 0xbf);

                if (a >= 0xe0 && a <= 0xef) {
                    good = b >= (a == 0xe0 ? 0xa0 : 0x80)
                           && b <= (a == 0xed ? 0x9f : 0xbf)
                           && c >= 0x80 && c <= 0xbf;
                }

                if (a >= 0xf0 && a <= 0xf4) {
                    good = b >= (a == 0xf0 ? 0x90 : 0x80)
                           && b <= (a == 0xf4 ? 0x8f : 0xbf)
                           && c >= 0x80 && c <= 0xbf;
                }

                p = crm_token_utf8((char *) text, (char *) text
                                   + (a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4),
                                   &fault);

                assert_int_equal(p != NULL, good);

                if (!good) {
                    assert_ptr_equal(fault.at, text);
                }
            }
        }
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_byte_is_seen_at_every_place),
    cmocka_unit_test(two_special_bytes_are_told_apart),
    cmocka_unit_test(white_space_ends_where_it_ends),
    cmocka_unit_test(
        every_code_point_survives_an_escape_and_no_surrogate_a_sequence),
    cmocka_unit_test(utf8_is_what_the_standard_says_byte_by_byte)
};


CRM_TEST_MAIN(tests)
