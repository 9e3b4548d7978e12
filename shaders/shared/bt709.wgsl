// Weights of red and blue in luma, ITU-R BT.709.
const KR: f32 = 0.2126;
const KB: f32 = 0.0722;
